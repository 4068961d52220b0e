<?php

declare(strict_types=1);

namespace Lunch;

use PDO;

/** The orders of the day, in a file of its own. */
final class Orders
{
    private PDO $database;

    public function __construct()
    {
        $this->database = new PDO('sqlite:' . __DIR__ . '/../data/orders.sqlite');
        $this->database->exec('create table if not exists orders (dish text not null, at text not null default current_timestamp)');
    }

    public function add(string $dish): void
    {
        $this->database->prepare('insert into orders (dish) values (?)')->execute([$dish]);
    }

    /** @return array<string, int> how many want each dish */
    public function counted(): array
    {
        return $this->database->query('select dish, count(*) from orders group by dish')->fetchAll(PDO::FETCH_KEY_PAIR);
    }
}
