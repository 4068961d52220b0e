package com.example.poll

import java.util.concurrent.ConcurrentHashMap

/** A question with its answers, each with the votes for it. */
class Poll(val question: String, answers: List<String>) {
    private val votes = ConcurrentHashMap(answers.associateWith { 0 })

    /** Counts a vote; false where there is no such answer. */
    fun vote(answer: String): Boolean = votes.computeIfPresent(answer) { _, count -> count + 1 } != null

    fun result(): Map<String, Int> = votes.toSortedMap()
}
