package com.example.pantry;

import java.time.LocalDate;

/** Something in the pantry; what does not go bad has no date. */
record Item(String name, int amount, LocalDate goodUntil) {

    boolean isGoodOn(LocalDate day) {
        return goodUntil == null || !goodUntil.isBefore(day);
    }
}
