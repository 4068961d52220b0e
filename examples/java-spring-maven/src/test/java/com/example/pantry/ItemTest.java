package com.example.pantry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class ItemTest {

    private static final LocalDate DAY = LocalDate.of(2026, 3, 1);

    @Test
    void isGoodOnItsLastDay() {
        assertThat(new Item("milk", 1, DAY).isGoodOn(DAY)).isTrue();
        assertThat(new Item("milk", 1, DAY).isGoodOn(DAY.plusDays(1))).isFalse();
        assertThat(new Item("salt", 1, null).isGoodOn(DAY)).isTrue();
    }
}
