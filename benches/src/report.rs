//! Turns the rounds into figures: medians, ratios and targets, one line each.

use std::fmt;

use crate::measure::{Rounds, Settings};

pub struct Report {
    heading: String,
    lines: Vec<String>,
}

impl Report {
    pub fn new(settings: &Settings) -> Self {
        let Settings { rounds, unary_calls, stream_calls, .. } = settings;
        let one_core = if settings.one_core { ", on one core" } else { "" };
        let lean = if settings.lean_aws_sdk { ", aws-sdk lean" } else { "" };
        Self {
            heading: format!(
                "CPU microseconds per call, medians of {rounds} rounds of {unary_calls} unary or {stream_calls} streamed \
                 calls{one_core}{lean}"
            ),
            lines: vec![format!(
                "{:<22}{:>9}{:>9}{:>8}  {:<13} {:<8}",
                "figure", "ours", "peer", "ratio", "(min .. max)", "target"
            )],
        }
    }

    /// Adds the line of one figure. Its ratio is the median of the rounds' ratios, not the ratio of the medians.
    pub fn figure(&mut self, name: &str, ours: &Rounds, peer: &Rounds, target: f64) {
        let peer_median = peer.as_deref().map_or_else(missing, |rounds| format!("{:.1}", median(rounds)));
        let (Some(ours), Some(peer)) = (ours, peer) else {
            self.lines.push(format!(
                "{name:<22}{:>9}{peer_median:>9}{:>8}  {:<13} <= {target:.2}  not measured yet",
                missing(),
                missing(),
                ""
            ));
            return;
        };
        let ratios: Vec<f64> = ours.iter().zip(peer).map(|(ours, peer)| ours / peer).collect();
        let lowest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = ratios.iter().copied().fold(0.0, f64::max);
        let ratio = median(&ratios);
        let verdict = if ratio <= target { "met" } else { "MISSED" };
        self.lines.push(format!(
            "{name:<22}{:>9.1}{peer_median:>9}{ratio:>8.3}  {:<13} <= {target:.2}  {verdict}",
            median(ours),
            format!("{lowest:.2} .. {highest:.2}"),
        ));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.heading)?;
        self.lines.iter().try_for_each(|line| writeln!(formatter, "{}", line.trim_end()))
    }
}

fn missing() -> String {
    "-".to_owned()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn median_of_odd_and_even_counts() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
