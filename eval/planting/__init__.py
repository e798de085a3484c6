"""Ways of making a true sentence false, and of wording it anew; nothing here shares code with what checks claims."""
