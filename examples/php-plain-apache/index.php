<?php

declare(strict_types=1);

// A world clock: /, /at/Europe/Lisbon and /zones?q=york, each by way of the rules in .htaccess.

require __DIR__ . '/lib/zones.php';

$path = trim((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');

if ($path === 'zones') {
    header('Content-Type: application/json');
    echo json_encode(find_zones((string) ($_GET['q'] ?? '')), JSON_UNESCAPED_SLASHES);
    exit;
}

$zone = str_starts_with($path, 'at/') ? substr($path, 3) : (getenv('HOME_ZONE') ?: 'UTC');
$now = time_in($zone);
http_response_code($now === null ? 404 : 200);
?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>World clock</title>
<h1><?= htmlspecialchars($now === null ? "There is no zone called $zone" : "$zone: $now") ?></h1>
<form action="/zones"><input name="q" placeholder="york"><button>Find a zone</button></form>
</html>
