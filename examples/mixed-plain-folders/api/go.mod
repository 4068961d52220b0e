module example.com/weather/api

go 1.26
