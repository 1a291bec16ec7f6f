"""TLS as the settings describe it."""

import ssl

from cluster.settings import TlsSettings


def client_context(tls: TlsSettings) -> ssl.SSLContext | None:
    """None where TLS is off. Raises `OSError` where a file cannot be read."""
    if not tls.enabled:
        return None
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.cert_file:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context
