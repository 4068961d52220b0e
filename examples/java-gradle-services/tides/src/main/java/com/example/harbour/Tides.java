package com.example.harbour;

/** How high the water stands. */
public final class Tides {
    /** The time from one high water to the next, in hours. */
    private static final double PERIOD = 12.42;

    private Tides() {
    }

    /** The water over the mean, in metres, some hours after a high water. */
    public static double height(double hours) {
        return 2.1 * Math.cos(2 * Math.PI * hours / PERIOD);
    }
}
