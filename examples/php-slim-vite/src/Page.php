<?php

declare(strict_types=1);

namespace Lunch;

/** The page, with the script that the front end's build has made. */
final class Page
{
    /** @param array<string, int> $orders */
    public function of(array $orders): string
    {
        $rows = '';
        foreach ($orders as $dish => $count) {
            $rows .= '<li>' . htmlspecialchars("$count × $dish") . '</li>';
        }
        return '<!doctype html><meta charset="utf-8"><title>Lunch orders</title>' . $this->assets()
            . "<h1>Lunch orders</h1><ul>$rows</ul><form><input name=\"dish\" required><button>Order</button></form>";
    }

    private function assets(): string
    {
        $made = json_decode((string) file_get_contents(__DIR__ . '/../public/build/manifest.json'), true)['assets/orders.js'];
        $styles = array_map(fn (string $file): string => "<link rel=\"stylesheet\" href=\"/build/$file\">", $made['css'] ?? []);
        return implode('', $styles) . "<script type=\"module\" src=\"/build/{$made['file']}\"></script>";
    }
}
