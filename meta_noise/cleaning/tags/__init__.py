"""Wrong tags in texts with a tag for each token: judged by the tournament, written as corrected files and as a page."""
