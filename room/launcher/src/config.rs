//! The server's configuration file. It is YAML, of which JSON is a subset.

use serde_json::{Map, Value, json};

use crate::{Options, Ports, options::Turn};

/// Returns the configuration of one instance.
pub(crate) fn render(options: &Options, ports: Ports) -> Value {
    let address = options.address.to_string();
    let host = format!(
        "{address}/{}",
        if options.address.is_ipv4() { 32 } else { 128 }
    );
    let mut config = json!({
        "port": ports.signalling(),
        "bind_addresses": [address],
        "keys": { options.api_key.as_str(): options.api_secret },
        "rtc": {
            "tcp_port": ports.rtc_tcp(),
            "udp_port": ports.rtc_udp(),
            "use_external_ip": false,
            "enable_loopback_candidate": options.address.is_loopback(),
            "node_ip": address,
            "ips": { "includes": [host] },
        },
        "logging": { "json": true, "level": "info" },
        // Allows short secrets; the log level is set above.
        "development": true,
    });
    if !options.webhook_urls.is_empty() {
        config["webhook"] = json!({ "api_key": options.api_key, "urls": options.webhook_urls });
    }
    if let Some(turn) = &options.turn {
        config["turn"] = turn_section(turn, &address, &host, ports);
    }
    lay_over(&mut config, &options.settings);
    config
}

fn turn_section(turn: &Turn, address: &str, host: &str, ports: Ports) -> Value {
    let (first, last) = ports.turn_relays();
    let mut section = json!({
        "enabled": true,
        "domain": turn.domain,
        "bind_addresses": [address],
        "relay_range_start": first,
        "relay_range_end": last,
        // Loopback and private peers are refused unless named.
        "allow_restricted_peer_cidrs": [host],
    });
    if turn.udp {
        section["udp_port"] = ports.turn_udp().into();
    }
    if let Some(files) = &turn.tls {
        section["tls_port"] = ports.turn_tls().into();
        section["cert_file"] = files.certificate.to_string_lossy().into();
        section["key_file"] = files.key.to_string_lossy().into();
    }
    section
}

/// Objects are merged, everything else is replaced.
fn lay_over(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => merge(below, above),
        (below, above) => *below = above.clone(),
    }
}

fn merge(below: &mut Map<String, Value>, above: &Map<String, Value>) {
    for (name, value) in above {
        lay_over(below.entry(name.clone()).or_insert(Value::Null), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::PortBlock;

    #[test]
    fn settings_are_merged_into_the_objects_made_here() {
        let ports = PortBlock::claim().unwrap().ports;
        let options = Options {
            settings: json!({ "rtc": { "tcp_port": 7 }, "room": { "auto_create": false } }),
            ..Options::default()
        };

        let config = render(&options, ports);

        assert_eq!(config["rtc"]["tcp_port"], 7);
        assert_eq!(config["rtc"]["udp_port"], ports.rtc_udp());
        assert_eq!(config["room"]["auto_create"], false);
    }
}
