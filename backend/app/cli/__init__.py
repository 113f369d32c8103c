"""The command line: `./easel …` ends here. It uses bootstrap, core and utils, nothing of the web or the queue."""
