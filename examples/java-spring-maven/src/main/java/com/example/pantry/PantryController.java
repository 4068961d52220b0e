package com.example.pantry;

import java.time.LocalDate;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/items")
class PantryController {

    private final JdbcClient jdbc;

    PantryController(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record Pantry(int good, List<Item> items) {}

    @GetMapping
    Pantry all() {
        List<Item> items = jdbc.sql("select name, amount, good_until from item order by name").query(Item.class).list();
        LocalDate today = LocalDate.now();
        return new Pantry((int) items.stream().filter(item -> item.isGoodOn(today)).count(), items);
    }

    @PutMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void put(@RequestBody Item item) {
        jdbc.sql("merge into item (name, amount, good_until) key (name) values (:name, :amount, :goodUntil)")
            .paramSource(item)
            .update();
    }
}

