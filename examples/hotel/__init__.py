"""A small hotel with three houses: a season of its journeys, and four stories."""
