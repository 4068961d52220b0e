<?php

declare(strict_types=1);

require __DIR__ . '/../src/tags.php';

$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$price = (float) ($_GET['price'] ?? 9.9);
$locale = (string) ($_GET['locale'] ?? 'de_DE');

switch ($path) {
    case '/price':
        header('Content-Type: application/json');
        echo json_encode(['label' => label($price, $locale)], JSON_UNESCAPED_UNICODE);
        break;
    case '/tag.png':
        header('Content-Type: image/png');
        echo tag(label($price, $locale));
        break;
    case '/tags.zip':
        header('Content-Type: application/zip');
        readfile(archive(prices(), $locale));
        break;
    default:
        http_response_code($path === '/' ? 200 : 404);
        echo '<!doctype html><title>Price tags</title><img src="/tag.png?price=9.9&locale=de_DE" alt="a tag">';
}
