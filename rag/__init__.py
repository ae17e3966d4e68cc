"""From a question to a grounded answer: retrieve, fit the prompt, generate, tie to the words that say so."""
