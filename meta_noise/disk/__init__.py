"""Files and folders of ours on disk: whose they are, that they are intact, and what to say when the disk refuses."""
