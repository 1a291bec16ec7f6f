"""ClickHouse's HTTP interface in front of chDB, the engine as a library.

chDB lets one process open a folder and has no server of its own. This is that process: it listens
on loopback and answers ClickHouse's clients as a server does, so that nothing else knows the
difference.

    python -m cluster.servers.clickhouse_front --port P --data DIR --credentials-file FILE
"""
