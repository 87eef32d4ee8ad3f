<?php

namespace App\Http;

use App\Base;

const VERSION = '1';

/** Handles requests. */
#[Final]
class Kernel extends Base implements Handler
{
    public const LIMIT = 10;
    private array $routes = [];

    /** Finds the route and runs it. */
    public function handle(Request $request): Response
    {
        foreach ($this->routes as $route) {
            if ($route->matches($request)) {
                return $route->run($request);
            }
        }
        return new Response(404);
    }
}

interface Handler { public function handle(Request $request): Response; }
trait Logs { protected function log(string $text): void {} }
enum Status: int { case Ok = 200; }

function helper(): string { return 'x'; }
