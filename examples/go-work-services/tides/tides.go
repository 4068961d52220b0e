// Package tides knows how high the water stands.
package tides

import "math"

// period is the time from one high water to the next, in hours.
const period = 12.42

// Height is the water over the mean, in metres, some hours after a high water.
func Height(hours float64) float64 {
	return 2.1 * math.Cos(2*math.Pi*hours/period)
}
