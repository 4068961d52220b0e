//! What names tell of a port, in any language: whose it is, and what listens there.

/// What listens at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// HTTP.
    Http,
    /// Something over TCP or UDP.
    Any,
    /// gRPC.
    Grpc,
    /// HTTP behind TLS.
    Tls,
}

/// Words of a name that say a port is not for the program's users.
pub const ASIDE: [&str; 18] = [
    "metrics",
    "metric",
    "prometheus",
    "prom",
    "admin",
    "debug",
    "pprof",
    "profiling",
    "health",
    "healthz",
    "healthcheck",
    "probe",
    "management",
    "mgmt",
    "monitoring",
    "telemetry",
    "redirect",
    "dashboard",
];
/// Words of a name that say a port is behind TLS.
pub const TLS: [&str; 5] = ["tls", "https", "ssl", "secure", "cert"];
/// Words of a name that say an address is another server's.
pub const OTHERS: [&str; 58] = [
    "plugin",
    "upnp",
    "ssdp",
    "stun",
    "multicast",
    "beacon",
    "ssh",
    "sshtunnel",
    "tunnel",
    "tunneling",
    "ntp",
    "dns",
    "snmp",
    "radius",
    "imap",
    "telnet",
    "mqtt",
    "redis",
    "db",
    "database",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mongo",
    "mongodb",
    "smtp",
    "mail",
    "email",
    "kafka",
    "nats",
    "amqp",
    "rabbitmq",
    "ldap",
    "consul",
    "etcd",
    "vault",
    "jaeger",
    "otel",
    "zipkin",
    "statsd",
    "syslog",
    "proxy",
    "upstream",
    "backend",
    "remote",
    "client",
    "target",
    "memcached",
    "elastic",
    "elasticsearch",
    "influx",
    "influxdb",
    "clickhouse",
    "minio",
    "s3",
    "sftp",
    "peer",
];

/// The words of a name: `listen-addr`, `LISTEN_ADDR`, `ListenAddr` and `server.listenAddr` alike, in lower case.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied().unwrap_or(' ');
        let camel =
            letter.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && after.is_lowercase());
        if !letter.is_alphanumeric() {
            before = ' ';
            continue;
        }
        if before == ' ' || camel {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_of_every_style_have_the_same_words() {
        for name in ["listen-addr", "LISTEN_ADDR", "ListenAddr", "listenAddr", "listen.addr"] {
            assert_eq!(words(name), ["listen", "addr"], "{name}");
        }
        assert_eq!(words("HTTPServer"), ["http", "server"]);
    }
}
