package com.example.shortly;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;

/** Short names for long addresses, kept in memory. */
public final class Shortly {

    private static final String DEFAULT_PORT = "7070";

    private final Links links = new Links();

    public static void main(String[] args) {
        Shortly shortly = new Shortly();
        Javalin app = Javalin.create()
            .get("/", ctx -> ctx.result("Post an address to /links, and follow /NAME.\n"))
            .post("/links", shortly::add)
            .get("/{name}", shortly::follow)
            .start(port());
        Runtime.getRuntime().addShutdownHook(new Thread(app::stop));
    }

    private static int port() {
        return Integer.parseInt(System.getenv().getOrDefault("PORT", DEFAULT_PORT));
    }

    private void add(Context ctx) {
        ctx.status(HttpStatus.CREATED).result(links.add(ctx.body()) + "\n");
    }

    private void follow(Context ctx) {
        links.find(ctx.pathParam("name")).ifPresentOrElse(ctx::redirect, () -> ctx.status(HttpStatus.NOT_FOUND));
    }
}
