"""A real Apache Kafka of one node, for the contract tests."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.services.process import LOOPBACK, NotHere, free_ports, running, wait_for_port

VERSION = "4.1.1"
POM = Path(__file__).with_name("pom.xml")

_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


def build(cache: Path) -> Path:
    """The folder of jars, fetched by Maven unless it is there. Raises `NotHere`."""
    jars = cache / f"kafka-{VERSION}"
    if jars.exists():
        return jars
    maven = shutil.which("mvn")
    if maven is None or shutil.which("java") is None:
        raise NotHere("Kafka needs Maven and Java 17")
    partial = jars.with_suffix(".part")
    fetch = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    subprocess.run([*fetch, f"-DoutputDirectory={partial}"], check=True)  # noqa: S603
    return partial.rename(jars)


@contextmanager
def kafka(cache: Path) -> Iterator[str]:
    """Its `host:port`, empty each time. Raises `NotHere`."""
    java = ["java", "-Xmx512m", "-cp", f"{build(cache)}/*"]
    with tempfile.TemporaryDirectory(prefix="mch-kafka-") as home:
        broker, controller = free_ports(2)
        properties = Path(home, "server.properties")
        told = {"host": LOOPBACK, "broker": broker, "controller": controller}
        properties.write_text(_PROPERTIES.format(**told, data=f"{home}/data"))
        storage = [*java, "kafka.tools.StorageTool"]
        cluster = _told([*storage, "random-uuid"]).split()[-1]
        _told([*storage, "format", "-t", cluster, "-c", str(properties)])
        command = [*java, "kafka.Kafka", str(properties)]
        with running(command, Path(home, "log"), {}) as process:
            wait_for_port(process, broker, Path(home, "log"))
            yield f"{LOOPBACK}:{broker}"


def _told(command: Sequence[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout
