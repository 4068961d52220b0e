module example.com/harbour/worker

go 1.26

require example.com/harbour/tides v0.0.0

replace example.com/harbour/tides => ../tides
