package com.example.poll

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class PollTest {
    @Test
    fun countsVotesForItsAnswersAlone() {
        val poll = Poll("Tea?", listOf("yes", "no"))
        assertTrue(poll.vote("yes"))
        assertFalse(poll.vote("perhaps"))
        assertEquals(mapOf("no" to 0, "yes" to 1), poll.result())
    }
}
