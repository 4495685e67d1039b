"""案件记录: facts, layout and words of the case record."""
