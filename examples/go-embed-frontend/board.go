package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Card is what somebody wrote, and how many agree.
type Card struct {
	ID    int    `json:"id"`
	Text  string `json:"text"`
	Votes int    `json:"votes"`
}

const mostCards = 500

// Board holds the cards of one meeting in memory.
type Board struct {
	mu    sync.Mutex
	cards []Card
}

// NewBoard starts with these cards.
func NewBoard(texts ...string) *Board {
	board := &Board{}
	for _, text := range texts {
		board.put(text)
	}
	return board
}

func (b *Board) put(text string) (Card, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.cards) >= mostCards {
		return Card{}, false
	}
	card := Card{ID: len(b.cards) + 1, Text: text}
	b.cards = append(b.cards, card)
	return card, true
}

// ranked copies the cards, those with the most votes first.
func (b *Board) ranked() []Card {
	b.mu.Lock()
	defer b.mu.Unlock()
	cards := slices.Clone(b.cards)
	slices.SortStableFunc(cards, func(x, y Card) int { return y.Votes - x.Votes })
	return cards
}

func (b *Board) list(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, b.ranked())
}

func (b *Board) add(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Text string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&asked)
	text := strings.TrimSpace(asked.Text)
	if err != nil || text == "" {
		http.Error(w, "a card needs a text", http.StatusUnprocessableEntity)
		return
	}
	card, fits := b.put(text)
	if !fits {
		http.Error(w, "the board is full", http.StatusConflict)
		return
	}
	reply(w, http.StatusCreated, card)
}

func (b *Board) vote(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || id < 1 || id > len(b.cards) {
		http.Error(w, "no such card", http.StatusNotFound)
		return
	}
	b.cards[id-1].Votes++
	reply(w, http.StatusOK, b.cards[id-1])
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
