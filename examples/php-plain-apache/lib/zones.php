<?php

declare(strict_types=1);

/** The time in a zone, or null where there is no such zone. */
function time_in(string $zone): ?string
{
    if (!in_array($zone, DateTimeZone::listIdentifiers(), true)) {
        return null;
    }
    return (new DateTimeImmutable('now', new DateTimeZone($zone)))->format('H:i, l j F');
}

/** @return list<string> the zones whose name holds a word */
function find_zones(string $word): array
{
    $holds = fn (string $zone): bool => $word !== '' && stripos($zone, $word) !== false;
    return array_values(array_filter(DateTimeZone::listIdentifiers(), $holds));
}
