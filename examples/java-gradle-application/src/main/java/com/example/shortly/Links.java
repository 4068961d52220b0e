package com.example.shortly;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Addresses by their short names: the same address gets the same name. */
final class Links {

    private final Map<String, String> byName = new ConcurrentHashMap<>();

    String add(String address) {
        String trimmed = address.trim();
        String name = Integer.toString(trimmed.hashCode() & Integer.MAX_VALUE, Character.MAX_RADIX);
        byName.put(name, trimmed);
        return name;
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
