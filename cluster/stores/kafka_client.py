"""How every client of Kafka connects: producers, consumers, administration."""

from typing import Any

from cluster.settings import KafkaSettings
from cluster.tls import client_context


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Keyword arguments that aiokafka's three clients share."""
    context = client_context(kafka.tls)
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.brokers,
        "security_protocol": _protocol(encrypted=context is not None, sasl=kafka.sasl_mechanism),
    }
    if context:
        options["ssl_context"] = context
    if kafka.sasl_mechanism:
        options["sasl_mechanism"] = kafka.sasl_mechanism
        options["sasl_plain_username"] = kafka.username
        options["sasl_plain_password"] = kafka.password.get_secret_value()
    return options


def _protocol(*, encrypted: bool, sasl: str | None) -> str:
    return f"{'SASL_' if sasl else ''}{'SSL' if encrypted else 'PLAINTEXT'}"
