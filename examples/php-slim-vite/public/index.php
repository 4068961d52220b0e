<?php

declare(strict_types=1);

use Lunch\Orders;
use Lunch\Page;
use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;
use Slim\Factory\AppFactory;

require __DIR__ . '/../vendor/autoload.php';

$app = AppFactory::create();
$app->addBodyParsingMiddleware();
$orders = new Orders();

$app->get('/', function (Request $request, Response $response) use ($orders): Response {
    $response->getBody()->write((new Page())->of($orders->counted()));
    return $response;
});

$app->post('/orders', function (Request $request, Response $response) use ($orders): Response {
    $orders->add((string) ($request->getParsedBody()['dish'] ?? 'soup'));
    return $response->withStatus(204);
});

$app->run();
