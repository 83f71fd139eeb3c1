"""People who do not exist: generators that are fitted to released people and drawn from."""
