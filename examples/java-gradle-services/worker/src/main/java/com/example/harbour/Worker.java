package com.example.harbour;

import java.time.Duration;
import java.time.Instant;

/** Logs the water each minute, until it is told to stop. */
public final class Worker {
    private Worker() {
    }

    public static void main(String[] args) throws InterruptedException {
        Instant began = Instant.now();
        while (true) {
            double hours = Duration.between(began, Instant.now()).toMinutes() / 60.0;
            System.out.printf("%.2f m%n", Tides.height(hours));
            Thread.sleep(60_000);
        }
    }
}
