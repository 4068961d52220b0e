package com.example.harbour;

import io.javalin.Javalin;
import io.javalin.http.Context;

/** Tells how high the water stands. */
public final class Api {
    private Api() {
    }

    public static void main(String[] args) {
        Javalin.create().get("/height", Api::height).start(8080);
    }

    private static void height(Context context) {
        double hours = context.queryParamAsClass("hours", Double.class).get();
        context.contentType("application/json").result("{\"metres\":" + Tides.height(hours) + "}");
    }
}
