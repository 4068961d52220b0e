// Worker logs the water each minute, until it is told to stop.
package main

import (
	"context"
	"log"
	"os/signal"
	"syscall"
	"time"

	"example.com/harbour/tides"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	began := time.Now()
	each := time.NewTicker(time.Minute)
	defer each.Stop()
	for {
		log.Printf("%.2f m", tides.Height(time.Since(began).Hours()))
		select {
		case <-ctx.Done():
			return
		case <-each.C:
		}
	}
}
