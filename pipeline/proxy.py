"""Which proxy the environment wants us to go through."""

from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(url: str) -> str | None:
    """The proxy's URL: from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, or the system's settings where it has some.

    None for hosts that `NO_PROXY` lists, by their name, their domain, their address, or their network (10.0.0.0/8).
    """
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]) or _near(parts.hostname or "", proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _near(host: str, networks: str) -> bool:
    for network in networks.split(","):
        with suppress(ValueError):  # one of them is a name
            if ip_address(host) in ip_network(network.strip(), strict=False):
                return True
    return False
