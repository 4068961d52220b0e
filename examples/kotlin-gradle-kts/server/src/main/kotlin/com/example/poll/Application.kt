package com.example.poll

import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.response.respond
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing

private val poll = Poll("Tea or coffee?", listOf("tea", "coffee"))

fun Application.module() {
    routing {
        get("/") {
            val lines = poll.result().map { (answer, votes) -> "$answer: $votes" }
            call.respondText((listOf(poll.question) + lines).joinToString("\n", postfix = "\n"))
        }
        post("/{answer}") {
            val counted = poll.vote(call.parameters["answer"].orEmpty())
            call.respond(if (counted) HttpStatusCode.NoContent else HttpStatusCode.NotFound)
        }
    }
}
