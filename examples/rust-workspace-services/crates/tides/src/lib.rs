//! How high the water stands.

use std::f64::consts::PI;

/// From one high water to the next, in hours.
const PERIOD: f64 = 12.42;

/// The water over the mean, in metres, some hours after a high water.
pub fn height(hours: f64) -> f64 {
    2.1 * (2.0 * PI * hours / PERIOD).cos()
}
