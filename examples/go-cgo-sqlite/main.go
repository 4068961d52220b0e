// Command bookmarks-api keeps bookmarks with tags in SQLite.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"example.com/bookmarks-api/bookmarks"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	database, err := open(filepath.Join("data", "bookmarks.db"))
	if err != nil {
		slog.Error("cannot open the database", "error", err)
		os.Exit(1)
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	bookmarks.Register(router, database)

	if err := serve(&http.Server{Addr: ":" + port, Handler: router, ReadHeaderTimeout: 5 * time.Second}); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func open(path string) (*gorm.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	database, err := gorm.Open(sqlite.Open(path+"?_journal_mode=WAL&_busy_timeout=5000"), &gorm.Config{})
	if err != nil {
		return nil, err
	}
	return database, database.AutoMigrate(&bookmarks.Bookmark{}, &bookmarks.Tag{})
}

func serve(server *http.Server) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("listening", "address", server.Addr)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return server.Shutdown(limit)
	}
}
