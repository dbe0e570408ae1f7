from slashlines import GUIDE
def test_dump(client, project):
    talk = client.talk(cwd=project.folder)
    with open("/tmp/w/harness/dump-"+client.version, "w") as f:
        for line in GUIDE:
            run = talk.say(line.typed)
            f.write(f"=== {line.typed}   [{run.seconds:.2f} s, {len(run.requests)} calls]\n{run.answer if run.answer is not None else '->MODEL '+run.requests[0].last if run.requests else run.text}\n\n")
    with open("/tmp/w/harness/dump-off-"+client.version, "w") as f:
        talk = client.talk(cwd=project.folder, settings={"disableAllHooks": True})
        for line in GUIDE[:12]:
            run = talk.say(line.typed)
            f.write(f"=== {line.typed}   [{run.seconds:.2f} s, {len(run.requests)} calls]\n{run.answer if run.answer is not None else '->MODEL '+run.requests[0].last if run.requests else run.text}\n\n")
