module example.com/retro

go 1.26
