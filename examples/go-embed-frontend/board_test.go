package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestVotesRankTheCards(t *testing.T) {
	board := NewBoard("first", "second")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/cards/{id}/votes", board.vote)
	for _, path := range []string{"/api/cards/2/votes", "/api/cards/2/votes", "/api/cards/1/votes"} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, nil))
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, answer.Code)
		}
	}
	if best := board.ranked()[0]; best.Text != "second" || best.Votes != 2 {
		t.Fatalf("got %+v", best)
	}
}
