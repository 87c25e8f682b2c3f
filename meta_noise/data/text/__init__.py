"""Texts as token numbers: reading text files, cutting texts into words or word pieces, numbering these."""
