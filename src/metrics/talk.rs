//! What is measured of conversations and of those who hear, think and speak in them.

use std::sync::atomic::{AtomicI64, AtomicU64};

use agent_contract::chain::{Observation, Port, Standing};
use agent_session::TurnReport;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Seconds; below a tenth nobody notices, above two everybody does.
const BUCKETS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 2.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabels {
    port: &'static str,
    provider: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabels {
    port: &'static str,
    provider: String,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabel {
    part: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ToolLabels {
    tool: String,
    ok: &'static str,
}

#[derive(Debug)]
pub(super) struct Talk {
    faults: Family<FaultLabels, Counter<u64, AtomicU64>>,
    first_pieces: Family<ProviderLabels, Histogram>,
    up: Family<ProviderLabels, Gauge<i64, AtomicI64>>,
    turns: Family<PartLabel, Histogram>,
    tools: Family<ToolLabels, Counter<u64, AtomicU64>>,
}

impl Default for Talk {
    fn default() -> Self {
        Self {
            faults: Family::default(),
            first_pieces: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            up: Family::default(),
            turns: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            tools: Family::default(),
        }
    }
}

impl Talk {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "provider_faults",
            "Times a provider did not deliver",
            self.faults.clone(),
        );
        registry.register_with_unit(
            "provider_first_piece",
            "Time to a provider's first piece",
            Unit::Seconds,
            self.first_pieces.clone(),
        );
        registry.register(
            "provider_up",
            "Whether a provider is asked: 0 while it rests after a fault",
            self.up.clone(),
        );
        registry.register_with_unit(
            "turn_latency",
            "From the end of the caller's voice to the agent's, and its parts",
            Unit::Seconds,
            self.turns.clone(),
        );
        registry.register("tool_calls", "Tools used", self.tools.clone());
    }

    pub(super) fn observe(&self, seen: &Observation) {
        match seen {
            Observation::Incident(incident) => {
                let labels = FaultLabels {
                    port: incident.port.as_str(),
                    provider: incident.provider.to_string(),
                    kind: incident.kind,
                };
                self.faults.get_or_create(&labels).inc();
            }
            Observation::First {
                port,
                provider,
                waited,
            } => {
                let first = self.first_pieces.get_or_create(&labels(*port, provider));
                first.observe(waited.as_secs_f64());
            }
            Observation::Standing {
                port,
                provider,
                standing,
            } => {
                let up = self.up.get_or_create(&labels(*port, provider));
                up.set(i64::from(*standing == Standing::Well));
            }
            // There may be more to see some day.
            _ => {}
        }
    }

    pub(super) fn turn(&self, report: &TurnReport) {
        let parts = [
            ("total", report.total_ms),
            ("endpointing", report.endpointing_ms),
            ("transcription", report.transcription_ms),
            ("first_token", report.first_token_ms),
            ("first_speech", report.first_speech_ms),
            ("transport", report.transport_ms),
            ("rest", report.rest_ms),
        ];
        for (part, millis) in parts {
            let part = self.turns.get_or_create(&PartLabel { part });
            part.observe(millis as f64 / 1_000.0);
        }
    }

    pub(super) fn tool(&self, name: &str, ok: bool) {
        let labels = ToolLabels {
            tool: name.to_owned(),
            ok: if ok { "true" } else { "false" },
        };
        self.tools.get_or_create(&labels).inc();
    }
}

fn labels(port: Port, provider: &agent_contract::ProviderName) -> ProviderLabels {
    ProviderLabels {
        port: port.as_str(),
        provider: provider.to_string(),
    }
}
