module example.com/harbour/api

go 1.26

require example.com/harbour/tides v0.0.0

replace example.com/harbour/tides => ../tides
