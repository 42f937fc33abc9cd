"""The voice loop: sound in, sound out, every stage timed. Imports neither server nor client."""

import os

# Both send reports of their use to their makers unless told not to before they are loaded, and onnxruntime gives the
# machine a lasting number for it. What is said at home stays at home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
