# The server and its page: `docker build .` for CPUs, `docker build --target gpu .` for NVIDIA's GPUs.
#
# The base is pinned by its version. To pin its content as well, ask for the digest of the day and build with that:
#   docker buildx imagetools inspect python:3.11.14-slim-bookworm
#   docker build --build-arg BASE=python:3.11.14-slim-bookworm@sha256:... .
# Python's packages are pinned by their hashes, in requirements/serve.txt and gpu.txt; `make lock` refreshes them.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
RUN python -m venv /opt/antiphon
COPY requirements/serve.txt requirements/serve.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/antiphon/bin/python -m pip install --require-hashes -r requirements/serve.txt
COPY pyproject.toml README.md LICENSE ./
COPY pipeline pipeline
COPY server server
COPY client client
COPY models models
RUN /opt/antiphon/bin/python -m pip install --no-deps --no-build-isolation --no-cache-dir . \
    && /opt/antiphon/bin/python -m pip uninstall --yes pip setuptools

FROM build AS build-gpu
COPY requirements/gpu.txt requirements/gpu.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/antiphon/bin/python -m ensurepip \
    && /opt/antiphon/bin/python -m pip install --require-hashes -r requirements/gpu.txt \
    && /opt/antiphon/bin/python -m pip uninstall --yes pip setuptools

# What both have in common. Everything that is written goes to /data, and what need not last to /tmp: the rest may be
# read-only. Without ANTIPHON_KEYS or ANTIPHON_TRUST the server does not start: see docs/deploy.md.
FROM ${BASE} AS runtime
ENV PATH=/opt/antiphon/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    HF_HOME=/data/models \
    XDG_CACHE_HOME=/data/cache \
    XDG_CONFIG_HOME=/data/config \
    XDG_STATE_HOME=/data/state \
    ANTIPHON_HOST=0.0.0.0 \
    ANTIPHON_PORT=8080
RUN install -d -m 0750 -o 10001 -g 10001 /data
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-Ic", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['ANTIPHON_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["antiphon"]
CMD ["serve"]

FROM runtime AS gpu
ENV LD_LIBRARY_PATH=/opt/antiphon/lib/python3.11/site-packages/nvidia/cublas/lib:/opt/antiphon/lib/python3.11/site-packages/nvidia/cudnn/lib
COPY --from=build-gpu /opt/antiphon /opt/antiphon

FROM runtime AS cpu
COPY --from=build /opt/antiphon /opt/antiphon
