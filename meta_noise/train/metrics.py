"""stub"""
import json
class MetricsFile:
    def __init__(self, path): self.path=path
    def rewind(self, step): open(self.path,"w").close()
    def write(self, step, epoch, values):
        with open(self.path,"a") as f: f.write(json.dumps({"step":step,"epoch":epoch,**values})+"\n")
