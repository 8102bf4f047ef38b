// A gRPC client that is told by lines of JSON on standard input what to call, see ../grpc-client.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	_ "google.golang.org/grpc/xds"
)

// raw is a codec for messages that are plain bytes.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (raw) Name() string { return "raw" }

type call struct {
	ID         int    `json:"id"`
	Target     string `json:"target"`
	Path       string `json:"path"`
	DeadlineMs int    `json:"deadlineMs"`
}

type outcome struct {
	ID   int    `json:"id"`
	Code string `json:"code"`
	Text string `json:"text"`
}

// names are the codes that the tests look at, in gRPC's spelling.
var names = map[string]string{
	"OK":               "OK",
	"Unavailable":      "UNAVAILABLE",
	"DeadlineExceeded": "DEADLINE_EXCEEDED",
}

var channels = map[string]*grpc.ClientConn{}

// answer makes one call, and tells how it ended.
func answer(c call) outcome {
	channel, ok := channels[c.Target]
	if !ok {
		var err error
		channel, err = grpc.NewClient(c.Target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return outcome{c.ID, "(no channel)", err.Error()}
		}
		channels[c.Target] = channel
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(c.DeadlineMs)*time.Millisecond)
	defer cancel()
	var request, response []byte
	err := channel.Invoke(ctx, c.Path, &request, &response, grpc.ForceCodec(raw{}))
	if err == nil {
		return outcome{c.ID, "OK", string(response)}
	}
	s := status.Convert(err)
	name, ok := names[s.Code().String()]
	if !ok {
		name = s.Code().String()
	}
	return outcome{c.ID, name, s.Message()}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(answer(c)); err != nil {
			log.Fatal(err)
		}
	}
	// Whoever started it is done with it, or dead.
}
